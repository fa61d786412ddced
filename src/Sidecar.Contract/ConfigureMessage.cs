using System.Collections.Immutable;

namespace VipOperator.Sidecar.Contract;

/// <summary>All routers that the sidecar is to run from now on; those not named are stopped.</summary>
/// <param name="Revision">The agent's number for this configuration, echoed in <see cref="ConfigureResult"/>.</param>
public sealed record ConfigureMessage(ulong Revision, ImmutableArray<RouterConfiguration> Routers)
{
    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.Configure);
        writer.WriteUInt64(Revision);
        writer.WriteInt32(Routers.Length);
        foreach (RouterConfiguration router in Routers)
            router.Write(writer);
        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static ConfigureMessage Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        ulong revision = reader.ReadUInt64();
        ImmutableArray<RouterConfiguration>.Builder routers = ImmutableArray.CreateBuilder<RouterConfiguration>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            routers.Add(RouterConfiguration.Read(ref reader));
        reader.ExpectEnd();
        return new ConfigureMessage(revision, routers.ToImmutable());
    }
}

/// <summary>A router of a configuration that the sidecar cannot run as asked.</summary>
/// <param name="Handle">The router.</param>
/// <param name="Message">What is wrong and what is allowed, for a person.</param>
public sealed record ConfigureProblem(uint Handle, string Message);

/// <summary>The answer to a <see cref="ConfigureMessage"/>: routers without a problem are running.</summary>
public sealed record ConfigureResult(ulong Revision, ImmutableArray<ConfigureProblem> Problems)
{
    public void Write(WireWriter writer)
    {
        writer.BeginFrame(MessageType.ConfigureResult);
        writer.WriteUInt64(Revision);
        writer.WriteInt32(Problems.Length);
        foreach (ConfigureProblem problem in Problems)
        {
            writer.WriteUInt32(problem.Handle);
            writer.WriteString(problem.Message);
        }

        writer.EndFrame();
    }

    /// <exception cref="ContractException">Malformed.</exception>
    public static ConfigureResult Read(ReadOnlySpan<byte> payload)
    {
        WireReader reader = new(payload);
        ulong revision = reader.ReadUInt64();
        ImmutableArray<ConfigureProblem>.Builder problems = ImmutableArray.CreateBuilder<ConfigureProblem>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            problems.Add(new ConfigureProblem(reader.ReadUInt32(), reader.ReadString()));
        reader.ExpectEnd();
        return new ConfigureResult(revision, problems.ToImmutable());
    }
}
