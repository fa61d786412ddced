namespace VipOperator.Sidecar.Contract;

/// <summary>The first message each way.</summary>
/// <param name="Version"><see cref="ContractVersion.Current"/> of the sender.</param>
/// <param name="ProcessId">The sender's process id.</param>
public readonly record struct HelloMessage(ushort Version, int ProcessId)
{
    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Hello);
        writer.WriteUInt16(Version);
        writer.WriteInt32(ProcessId);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static HelloMessage Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        HelloMessage message = new(reader.ReadUInt16(), reader.ReadInt32());
        reader.ExpectEnd();
        return message;
    }
}
