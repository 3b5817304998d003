//! Judging, tested on facts: no engine, no clock, no terminal. A module a kind of check, and what they share in `world`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test whose world cannot be built has failed")]

mod answer;
mod any;
mod container;
mod decode;
mod diagnosis;
mod evidence;
mod exec;
mod exec_keys;
mod exec_writes;
mod file;
mod http;
mod if_seen;
mod image;
mod inspect;
mod laws;
mod logs;
mod mount;
mod near_commands;
mod near_objects;
mod near_places;
mod near_swapped;
mod network;
mod node;
mod own;
mod port;
mod question;
mod random;
mod removed;
mod run;
mod story;
mod typed;
mod typed_keys;
mod verdict;
mod volume;
mod world;
