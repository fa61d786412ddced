namespace VipOperator.Sidecar.Contract;

/// <summary>
/// Agent to sidecar: tell each advertisement, sent or received, from now on until the time is over. It ends by itself,
/// so that an agent that is gone leaves nothing running; sent again, it begins anew.
/// </summary>
/// <param name="Milliseconds">0 ends it; at most <see cref="MostMilliseconds"/>.</param>
public readonly record struct CaptureMessage(uint Milliseconds)
{
    public const uint MostMilliseconds = 60_000;

    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Capture);
        writer.WriteUInt32(Milliseconds);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static CaptureMessage Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        CaptureMessage message = new(reader.ReadUInt32());
        reader.ExpectEnd();
        return message.Milliseconds <= MostMilliseconds
            ? message
            : throw new ContractException(
                $"A capture lasts at most {MostMilliseconds} ms, not {message.Milliseconds}.");
    }
}
