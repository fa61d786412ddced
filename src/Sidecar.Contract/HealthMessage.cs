using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>The probe's verdict for one router; sent when it changes and once after each configuration.</summary>
public readonly record struct HealthMessage(uint Handle, Health Health)
{
    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Health);
        writer.WriteUInt32(Handle);
        writer.WriteByte((byte)Health);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static HealthMessage Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        HealthMessage message = new(reader.ReadUInt32(), reader.ReadEnum<Health>());
        reader.ExpectEnd();
        return message;
    }
}

/// <summary>Asks one router to let a peer have the addresses.</summary>
public readonly record struct HandoverMessage(uint Handle)
{
    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Handover);
        writer.WriteUInt32(Handle);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static HandoverMessage Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        HandoverMessage message = new(reader.ReadUInt32());
        reader.ExpectEnd();
        return message;
    }
}
