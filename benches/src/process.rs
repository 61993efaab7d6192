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

/// Processor time of all processes that this one started and that have ended, and of those that they waited for.
pub fn cpu_time_of_children(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a running process");
    // Behind the program's name, which may hold anything: `cutime` and `cstime` are the 16th and 17th of all fields.
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let ticks = fields.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
    // Linux counts them in hundredths of a second for every program (`USER_HZ`).
    Duration::from_millis(10 * ticks.sum::<u64>())
}
