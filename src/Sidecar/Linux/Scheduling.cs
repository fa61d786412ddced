using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>What keeps the loop running on a busy machine; both are best effort.</summary>
internal static unsafe class Scheduling
{
    private const int Fifo = 1; // SCHED_FIFO
    private const int ResetOnFork = 0x4000_0000; // SCHED_RESET_ON_FORK: no thread or child inherits it
    private const int SetAttributes = 314; // sched_setattr, x64
    private const int SetAttributesArm64 = 274;
    private const ulong ResetAttributesOnFork = 1; // SCHED_FLAG_RESET_ON_FORK
    private const int MostFavoured = -20;
    private const ulong ShortestTurn = 100_000; // ns, the least that the kernel takes
    private const int ThisThread = 0; // PRIO_PROCESS, which on Linux means a thread

    private const int LockCurrent = 1; // MCL_CURRENT
    private const int LockOnFault = 4; // MCL_ONFAULT: only pages that are in use

    /// <summary>Runs the calling thread before all ordinary ones.</summary>
    /// <param name="priority">1–99.</param>
    /// <returns>0, or the error number negated (EPERM: CAP_SYS_NICE or RLIMIT_RTPRIO is missing).</returns>
    public static int MakeThisThreadRealtime(int priority) =>
        SystemCall.Result(LibC.sched_setscheduler(0, Fifo | ResetOnFork, &priority));

    /// <summary>
    /// Asks for the shortest turns, for a thread that stays an ordinary one: the scheduler lets those that want little
    /// at a time go before those that want much (EEVDF, since Linux 6.12; older kernels take no notice).
    /// </summary>
    /// <param name="favoured">Whether it is also to be favoured as far as ordinary threads can be, where that is
    /// permitted (CAP_SYS_NICE, RLIMIT_NICE).</param>
    /// <returns>0, or the error number negated.</returns>
    public static int ShortenTurnsOfThisThread(bool favoured)
    {
        SchedulingAttributes attributes = new()
        {
            Size = (uint)sizeof(SchedulingAttributes),
            Flags = ResetAttributesOnFork,
            Nice = favoured ? MostFavoured : LibC.getpriority(ThisThread, 0),
            RuntimeNanoseconds = ShortestTurn,
        };
        int result = Set(&attributes);
        return favoured && result == -Errno.EPERM ? ShortenTurnsOfThisThread(favoured: false) : result;
    }

    private static int Set(SchedulingAttributes* attributes)
    {
        int number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SetAttributesArm64 : SetAttributes;
        return SystemCall.Result(LibC.syscall(number, 0, attributes, 0));
    }

    /// <summary>
    /// Keeps what is mapped now in memory once it has been touched: code, stacks, and the whole range that the heap can
    /// grow into. Later mappings are left out (no MCL_FUTURE): they are none of the loop's, and would count against
    /// RLIMIT_MEMLOCK on the launcher's thread, which has no CAP_IPC_LOCK, and fail.
    /// </summary>
    /// <returns>0, or the error number negated (ENOMEM, EPERM: RLIMIT_MEMLOCK is too low and CAP_IPC_LOCK is
    /// missing).</returns>
    public static int LockMemory() => SystemCall.Result(LibC.mlockall(LockCurrent | LockOnFault));
}
