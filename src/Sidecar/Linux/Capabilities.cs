namespace VipOperator.Sidecar.Linux;

/// <summary>The capabilities of the calling thread (capabilities(7)).</summary>
internal static unsafe class Capabilities
{
    public const int NetworkAdministration = 12; // CAP_NET_ADMIN
    public const int NetworkRaw = 13; // CAP_NET_RAW

    private const uint Version3 = 0x2008_0522; // _LINUX_CAPABILITY_VERSION_3
    private const int DropFromBoundingSet = 24; // PR_CAPBSET_DROP
    private const int SetNoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS
    private const int Ambient = 47; // PR_CAP_AMBIENT
    private const int AmbientClearAll = 4; // PR_CAP_AMBIENT_CLEAR_ALL
    private const int HighestCapability = 63;

    /// <summary>Whether the calling thread has <paramref name="capability"/> in its effective set.</summary>
    public static bool Has(int capability)
    {
        CapabilityHeader header = new() { Version = Version3 };
        CapabilitySets sets = default;
        LinuxException.Check(SystemCall.Result(LibC.capget(&header, &sets)), "capget", "this thread");
        uint word = capability < 32 ? sets.EffectiveLow : sets.EffectiveHigh;
        return (word & (1u << (capability % 32))) != 0;
    }

    /// <summary>
    /// Takes every capability from the calling thread, for good: what it starts has none and cannot gain any, root or
    /// not, because no_new_privs keeps exec from adding to an empty permitted set.
    /// </summary>
    public static void DropAllFromThisThread()
    {
        // Needs CAP_SETPCAP, which a container may not have; the other sets are empty either way.
        for (nuint capability = 0; capability <= HighestCapability; capability++)
            _ = LibC.prctl(DropFromBoundingSet, capability, 0, 0, 0);
        _ = LibC.prctl(Ambient, AmbientClearAll, 0, 0, 0);
        LinuxException.Check(SystemCall.Result(LibC.prctl(SetNoNewPrivileges, 1, 0, 0, 0)), "prctl", "no_new_privs");
        CapabilityHeader header = new() { Version = Version3 };
        CapabilitySets none = default;
        LinuxException.Check(SystemCall.Result(LibC.capset(&header, &none)), "capset", "this thread");
    }
}
