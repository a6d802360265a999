//! Jobs that fail, hang, panic or are given up, and what a runner makes of them.

mod abandoned;
mod delayed;
mod duplicates;
mod running;
mod sequences;
