namespace VipOperator.Planning;

/// <summary>
/// Names of members: readable, valid as a Kubernetes name, and different for each VirtualIP and pod that ever lived.
/// </summary>
internal static class MemberNames
{
    /// <summary>Shorter than Kubernetes' 253, so that it fits a terminal.</summary>
    private const int Longest = 100;

    // Without vowels, and without what looks alike: no words appear by chance.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>
    /// VIRTUALIP-POD-HASH. The hash is of both uids: a pod or VirtualIP of the same name, made anew, gets another
    /// member.
    /// </summary>
    public static string For(VirtualIPObject virtualIP, PodObject pod)
    {
        ulong hash = StableHash.Of(virtualIP.Uid, pod.Uid);
        Span<char> suffix = stackalloc char[7];
        for (int i = 0; i < suffix.Length; i++)
        {
            suffix[i] = Alphabet[(int)(hash % (ulong)Alphabet.Length)];
            hash /= (ulong)Alphabet.Length;
        }

        string stem = $"{virtualIP.Key.Name}-{pod.Key.Name}";
        if (stem.Length > Longest - suffix.Length - 1)
            stem = stem[..(Longest - suffix.Length - 1)].TrimEnd('-', '.');
        return $"{stem}-{suffix}";
    }
}
