//! Behaviour at the contract: in process, on a store in a temporary directory, with a clock that the test holds.

mod processing;
mod rooms;
mod store;
mod support;
