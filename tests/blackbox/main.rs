//! The program as a whole, on a real engine.
//!
//! Every test takes part under a name of its own (`--as`), keeps its progress in a folder of its own, runs beside the
//! others and leaves nothing. Without an engine these tests fail and say how to get one.

// A test that cannot be set up has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod action;
mod adopted;
mod authors;
mod bad_luck;
mod begun;
mod completion;
mod compose;
mod cut_off;
mod doctor;
mod endpoint;
mod engine_script;
mod entered;
mod evidence;
mod exec_keys;
mod faults;
mod faulty;
mod flood;
mod formats;
mod forms;
mod half_dead;
mod harness;
mod hostile;
mod identity;
mod images;
mod inside;
mod kept;
mod learners;
mod liar;
mod long;
mod looking;
mod lost;
mod other_engine;
mod others;
mod plugin;
mod podman;
mod practice;
mod predictions;
mod private;
mod proxy;
mod questions;
mod reach;
mod recorder;
mod remote;
mod replay;
mod report;
mod requests;
mod restart;
mod same_since;
mod screens;
mod second;
mod seed;
mod sockets;
mod stranger;
mod streams;
mod sudo;
mod sudo_paths;
mod survivors;
mod suspend;
mod terminal;
mod together;
mod trust;
mod unharmed;
mod untagged;
mod verify;
mod ways_on;
mod whose;
