//! Jobs that fail, hang, panic or are given up, and what a runner makes of them.

mod abandoned;
mod count_once;
mod delayed;
mod duplicates;
mod running;
mod sequences;
mod strict;
