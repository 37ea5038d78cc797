"""How patient the studio is: what it waits for, how often it looks, and how many times it tries.

The defaults are what a studio runs by. Who makes one may give another (``Studio(settings, pace=Pace(…))``): a test
that would wait for a minute otherwise, an operator whose cloud is far away.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = 24 * 3600.0


@dataclass(frozen=True)
class Pace:
    """Times are in seconds. In the order of a job's way: rows, submit, watch, save; then what goes on beside it."""

    busy_seconds: float = 15.0
    """How long a writer waits for SQLite's lock before the database counts as held by another program."""
    lease_seconds: float = 10.0
    """How long what only one process at a time may do stays its own after its last sign."""

    first_delay: float = 2.0
    """Before a job that was not taken, or a video that was not saved, is tried again; each further wait doubles."""
    longest_delay: float = 300.0
    """The longest of these waits, whatever the provider asks for."""
    dear_tries: int = 5
    """After a second try that may have made a task, the next is as late as after so many that cost nothing.

    A first one may be a connection that broke just then."""
    haste_seconds: float = 5.0
    """A visitor who wants a job tried now has it tried at most this often."""
    passed_by: int = 2
    """A job that others got past so many times, and that is refused again, is refused for its own sake."""
    progress_seconds: float = 0.5
    """Between two words to the page of how far a job's files are."""
    ask_clock_seconds: float = 10.0
    """So long a job waits for a provider to tell what is o'clock there."""
    write_again_seconds: float = 1.0
    """Between two tries to write down what became of a job, while the disk refuses."""
    postponed_seconds: float = 60.0
    """How long a job rests that cannot be worked on here now: its account or model is missing, or nobody foresaw it."""

    round_seconds: float = 1.0
    """Between two rounds of a watcher or a search, at most; a quarter of the account's time between two looks is."""
    idle_seconds: float = 5.0
    """The same while there is nothing to do; a lease lasts longer."""
    first_look_seconds: float = 3.0
    """A new task is looked at this soon after its submission, then at the account's own pace."""
    list_from: int = 4
    """With fewer tasks to look at, asking for each is cheaper than listing."""
    lists_per_poll: int = 3
    """Lists cost so little that they are read this many times as often as a single task is asked for."""
    distrust_after: int = 30
    """After so many lists that said "still running", the task itself is asked; sooner when lists were found to lag."""
    list_again_seconds: float = 60.0
    """When a provider refuses to list, it is asked to again after so long."""
    longest_pause: float = 60.0
    """Between two looks at a provider that cannot be asked, at most."""
    unknown_pause: float = 600.0
    """The longest time between two looks at a task that the provider does not know at present."""
    wake_seconds: float = 1.0
    """Whoever wakes a watcher, a task is not asked for more often than this."""
    given_up_after: float = 3600.0
    """When a task's day is over, and nobody could be asked for so long, its job ends."""
    appeared_after: float = 600.0
    """A task stands in the provider's list at most so long after its request left. How far the list lags is documented
    nowhere; this allows the request its longest time on the way and the list eight minutes, for a request every quarter
    of a minute."""
    search_patience: float = 20.0
    """A search goes on at a pace of its age divided by this: several tasks that cannot be told apart may stay so for a
    day."""
    orphaned_look_seconds: float = 5.0
    """Between two looks at the jobs of accounts that are not here."""
    orphaned_patience: float = DAY
    """So long a job waits in the queue for an account that is missing or refuses everything."""
    durations_seconds: float = 60.0
    """How long it is remembered how long videos usually take."""

    storage_seconds: float = 10.0
    """Between two tries to write to a disk that is full or closed to us."""
    corrupt_tries: int = 10
    """After so many in a row, which take a quarter of an hour, what comes is taken for what the provider has."""

    due_seconds: float = 1.0
    """Between two looks of a process at what is due, and at the other processes."""
    free_seconds: float = 0.25
    """The same at least, however often a place becomes free."""
    beat_seconds: float = 5.0
    """Between two signs of life of a process."""
    dead_after: float = 20.0
    """A process elsewhere that gave no sign of life for so long is taken for dead; one on this machine is looked up."""
    stalled_seconds: float = 5.0
    """What was handed over and neither begins nor goes on is looked into after so long."""
    longest_post: float = 600.0
    """A submission that is still unanswered after this is lost, even if its process left no other trace."""
    queue_seconds: float = 1.0
    """Between two looks at a queue of what dead processes had begun, each of which costs 3 ms."""
    busy_again_seconds: float = 2.0
    """Before a piece of work goes on that the database delayed."""
    not_begun_seconds: float = 10.0
    """A piece of work that has not begun so long after it was handed over was done before, and takes no place."""
    workflows_sweep_seconds: float = 3600.0
    """Between two sweeps of workflows that are done."""
    follow_seconds: float = 1.0
    """Between two looks at what other processes did to jobs, while anybody listens."""
    late_seconds: float = 10.0
    """Their change shows at most so long after its time: it waited for a lock, or its process's clock is behind."""

    tries: int = 4
    """How many times a provider is asked for what may be repeated."""
    upload_tries: int = 3
    """The same for a file that is handed to a provider or a bucket."""
    first_wait: float = 1.0
    """Before the second of these tries, at most; each further wait is twice as long."""
    longest_wait: float = 30.0
    """A provider that asks for a longer one is left alone, and whoever wanted something of it decides."""
    key_check_seconds: float = 2.0
    """Between two looks at an account's key, however many visitors want to know."""

    undo_seconds: float = 600.0
    """How long a deletion can be undone; the files go when it no longer can."""
    keep_unused_seconds: float = DAY
    """How long a file stays that was given and then not used."""
    sweep_seconds: float = 60.0
    """Between two looks for what was deleted and can no longer be restored."""
    files_sweep_seconds: float = 3600.0
    """Between two looks through the files that were given, and through what was not written to its end."""
    health_seconds: float = 1.0
    """Database and disks have so long to answer whoever watches over the process."""
    silent_seconds: float = 30.0
    """After so long without a sign of life that reached it, the database takes no writes."""


PACE = Pace()
