using System.Collections.Immutable;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>One virtual router that the sidecar is to run.</summary>
/// <remarks>
/// The sidecar knows a router again, over a restart of the agent too, by <see cref="Name"/> and the family: what
/// stayed the same is left alone. Routers of one name belong to one VirtualIPMember and move together (dual-stack).
/// </remarks>
public sealed record RouterConfiguration
{
    /// <summary>The agent's number for this router in other messages; unique within a configuration.</summary>
    public required uint Handle { get; init; }

    /// <summary>"namespace/member".</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The link; empty: the one whose subnet holds the first address that is not link-local, else the default route's.
    /// </summary>
    public required string InterfaceName { get; init; }

    /// <summary>Whether the router waits for a <see cref="HealthMessage"/> before it takes part.</summary>
    public required bool Probed { get; init; }

    public required RouterParameters Parameters { get; init; }

    internal void Write(WireWriter writer)
    {
        RouterParameters p = Parameters;
        writer.WriteUInt32(Handle);
        writer.WriteString(Name);
        writer.WriteString(InterfaceName);
        writer.WriteBoolean(Probed);
        writer.WriteByte((byte)p.Version);
        writer.WriteByte((byte)p.Family);
        writer.WriteByte(p.VirtualRouterId.Value);
        writer.WriteByte(p.Priority.Value);
        writer.WriteInt32(p.AdvertisementInterval.Value);
        writer.WriteBoolean(p.Preempt);
        writer.WriteInt64(p.PreemptDelay.Ticks);
        writer.WriteByte((byte)p.OnProbeFailure);
        writer.WriteByte((byte)p.DemotionWeight);
        writer.WriteByte((byte)p.Authentication);
        writer.WriteBytes(p.AuthenticationKey.AsSpan());
        writer.WriteByte(p.AuthenticationKeyId);
        writer.WriteByte((byte)p.Transport);
        writer.WriteInt64(p.AddressLifetime.Ticks);
        writer.WriteBoolean(p.PseudoHeaderChecksum);
        writer.WriteInt64(p.AnnounceRefresh.Ticks);
        writer.WriteBoolean(p.Alone);
        writer.WriteBoolean(p.VirtualMac);
        writer.WriteUInt16((ushort)p.Addresses.Length);
        foreach (IpPrefix address in p.Addresses)
            writer.WritePrefix(address);
        writer.WriteUInt16((ushort)p.Peers.Length);
        foreach (IpAddress peer in p.Peers)
            writer.WriteAddress(peer);
    }

    internal static RouterConfiguration Read(ref WireReader reader)
    {
        uint handle = reader.ReadUInt32();
        string name = reader.ReadString();
        string interfaceName = reader.ReadString();
        bool probed = reader.ReadBoolean();
        VrrpVersion version = reader.ReadEnum<VrrpVersion>();
        IpFamily family = reader.ReadEnum<IpFamily>();
        byte rawId = reader.ReadByte();
        if (!VirtualRouterId.TryCreate(rawId, out VirtualRouterId id))
            throw new ContractException($"A virtual router id is 1 to 255, not {rawId}.");
        return new RouterConfiguration
        {
            Handle = handle,
            Name = name,
            InterfaceName = interfaceName,
            Probed = probed,
            Parameters = new RouterParameters
            {
                Version = version,
                Family = family,
                VirtualRouterId = id,
                Priority = new Priority(reader.ReadByte()),
                AdvertisementInterval = new Centiseconds(reader.ReadInt32()),
                Preempt = reader.ReadBoolean(),
                PreemptDelay = new TimeSpan(reader.ReadInt64()),
                OnProbeFailure = reader.ReadEnum<FailurePolicy>(),
                DemotionWeight = reader.ReadByte(),
                Authentication = reader.ReadEnum<AuthenticationType>(),
                AuthenticationKey = [.. reader.ReadBytes()],
                AuthenticationKeyId = reader.ReadByte(),
                Transport = reader.ReadEnum<Transport>(),
                AddressLifetime = new TimeSpan(reader.ReadInt64()),
                PseudoHeaderChecksum = reader.ReadBoolean(),
                AnnounceRefresh = new TimeSpan(reader.ReadInt64()),
                Alone = reader.ReadBoolean(),
                VirtualMac = reader.ReadBoolean(),
                Addresses = ReadPrefixes(ref reader),
                Peers = ReadAddresses(ref reader),
            },
        };
    }

    private static ImmutableArray<IpPrefix> ReadPrefixes(ref WireReader reader)
    {
        ImmutableArray<IpPrefix>.Builder prefixes = ImmutableArray.CreateBuilder<IpPrefix>();
        for (int count = reader.ReadUInt16(); count > 0; count--)
            prefixes.Add(reader.ReadPrefix());
        return prefixes.ToImmutable();
    }

    private static ImmutableArray<IpAddress> ReadAddresses(ref WireReader reader)
    {
        ImmutableArray<IpAddress>.Builder addresses = ImmutableArray.CreateBuilder<IpAddress>();
        for (int count = reader.ReadUInt16(); count > 0; count--)
            addresses.Add(reader.ReadAddress());
        return addresses.ToImmutable();
    }
}
