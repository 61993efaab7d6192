//! What Linux says of a process, in `/proc`.

use std::fs;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most memory that a process has had resident so far, in kilobytes (`VmHWM`).
pub fn peak_memory(process: u32) -> u64 {
    memory(process, "VmHWM:")
}

/// Memory that a process has resident now, in kilobytes (`VmRSS`).
pub fn resident_memory(process: u32) -> u64 {
    memory(process, "VmRSS:")
}

fn memory(process: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect(field);
    line.trim().trim_end_matches(" kB").parse().expect("kilobytes")
}

/// Lets this process have so many files open, or says what has to be done.
pub fn allow_files(wanted: usize) {
    let wanted = u64::try_from(wanted).expect("a number");
    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.is_none_or(|most| most >= wanted);
    assert!(
        allowed,
        "at most {:?} open files, and this needs {wanted}: raise the hard limit (`ulimit -Hn`)",
        limit.maximum
    );
    if limit.current.is_some_and(|now| now < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).expect("a limit below the hard one");
    }
}

/// Time that all threads of a process have spent on a processor: the same on a busy machine as on an idle one, nearly.
/// Threads that have ended are not in it.
pub fn cpu_time(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("a running process");
    // A thread may end between being listed and being asked.
    let spent = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    let nanoseconds = spent.map(|line| line.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0));
    Duration::from_nanos(nanoseconds.sum())
}
