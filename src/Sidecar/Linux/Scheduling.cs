namespace VipOperator.Sidecar.Linux;

/// <summary>What keeps the loop running on a busy machine; both are best effort.</summary>
internal static unsafe class Scheduling
{
    private const int Fifo = 1; // SCHED_FIFO
    private const int ResetOnFork = 0x4000_0000; // SCHED_RESET_ON_FORK: no thread or child inherits it
    private const int LockCurrent = 1; // MCL_CURRENT
    private const int LockOnFault = 4; // MCL_ONFAULT: only pages that are in use

    /// <summary>Runs the calling thread before all ordinary ones.</summary>
    /// <param name="priority">1–99.</param>
    /// <returns>0, or the error number negated (EPERM: CAP_SYS_NICE or RLIMIT_RTPRIO is missing).</returns>
    public static int MakeThisThreadRealtime(int priority) => SystemCall.Result(LibC.sched_setscheduler(0, Fifo | ResetOnFork, &priority));

    /// <summary>
    /// Keeps what is mapped now in memory once it has been touched: code, stacks, and the whole range that the heap can
    /// grow into. Later mappings are left out (no MCL_FUTURE): they are none of the loop's, and would count against
    /// RLIMIT_MEMLOCK on the launcher's thread, which has no CAP_IPC_LOCK, and fail.
    /// </summary>
    /// <returns>0, or the error number negated (ENOMEM, EPERM: RLIMIT_MEMLOCK is too low and CAP_IPC_LOCK is
    /// missing).</returns>
    public static int LockMemory() => SystemCall.Result(LibC.mlockall(LockCurrent | LockOnFault));
}
