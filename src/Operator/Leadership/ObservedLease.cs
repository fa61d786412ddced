using System.Globalization;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;

namespace VipOperator.Operator.Leadership;

/// <summary>
/// The lease as it was seen last, and for how long it had not changed: by the API server's clock before it was seen
/// first, by ours since.
/// </summary>
internal sealed class ObservedLease(OperatorSettings settings, string identity, TimeProvider time)
{
    private long _at;

    // How long it had been unchanged by then.
    private TimeSpan _age;

    /// <summary>null: none was seen.</summary>
    public LeaseDocument? Lease { get; private set; }

    public bool IsHeldByAnother
    {
        get
        {
            if (Lease is not { Spec.HolderIdentity: { Length: > 0 } holder } || holder == identity)
                return false;
            TimeSpan duration = TimeSpan.FromSeconds(
                Lease.Spec.LeaseDurationSeconds ?? settings.LeaseDuration.TotalSeconds);
            return _age + time.GetElapsedTime(_at) < duration;
        }
    }

    /// <summary>The answer to a write of ours.</summary>
    public void Written(LeaseDocument lease) => Take(lease, TimeSpan.Zero);

    /// <summary>What was read; the same version again tells nothing.</summary>
    /// <param name="now">By the API server's clock, null when it does not say.</param>
    /// <returns>Whether it is news.</returns>
    public bool Read(LeaseDocument lease, DateTimeOffset? now)
    {
        if (lease.Metadata.ResourceVersion == Lease?.Metadata.ResourceVersion)
            return false;
        Take(lease, AgeOf(lease, now));
        return true;
    }

    /// <summary>
    /// What is to be written to hold it. With the resourceVersion of what was read, a write is refused when somebody
    /// else has written since.
    /// </summary>
    public LeaseDocument Held(LeaseDocument? current)
    {
        string now = MicroTime(time.GetUtcNow());
        bool renewing = current?.Spec.HolderIdentity == identity;
        return new LeaseDocument
        {
            Metadata = MetadataFor(current),
            Spec = new LeaseSpecDocument
            {
                HolderIdentity = identity,
                LeaseDurationSeconds = (int)Math.Ceiling(settings.LeaseDuration.TotalSeconds),
                AcquireTime = renewing ? current!.Spec.AcquireTime : now,
                RenewTime = now,
                LeaseTransitions = (current?.Spec.LeaseTransitions ?? 0) + (renewing || current is null ? 0 : 1),
            },
        };
    }

    /// <summary>What is to be written to give it back; it runs out within a second.</summary>
    public LeaseDocument Released(LeaseDocument current) => new()
    {
        Metadata = MetadataFor(current),
        Spec = current.Spec with { HolderIdentity = "", LeaseDurationSeconds = 1 },
    };

    private void Take(LeaseDocument lease, TimeSpan age)
    {
        Lease = lease;
        _at = time.GetTimestamp();
        _age = age;
    }

    // How long nobody has written the lease, from the times that the API server itself notes: an instance that starts
    // after an outage needs not wait for a lease to run out that has run out long ago. Both times are cut to whole
    // seconds, hence the one taken off.
    private static TimeSpan AgeOf(LeaseDocument lease, DateTimeOffset? now)
    {
        DateTimeOffset? written = lease.Metadata.ManagedFields?.Max(f => f.Time);
        TimeSpan age = (now - written - TimeSpan.FromSeconds(1)) ?? TimeSpan.Zero;
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    private LeaseMetadataDocument MetadataFor(LeaseDocument? current) => new()
    {
        Namespace = settings.LeaseNamespace,
        Name = settings.LeaseName,
        ResourceVersion = current?.Metadata.ResourceVersion,
    };

    private static string MicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
