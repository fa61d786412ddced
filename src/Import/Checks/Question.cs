using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>What a command of a check asks, as a probe.</summary>
/// <param name="Target">The probe with nothing but what is asked.</param>
/// <param name="Sentence">What becomes of it, for the report.</param>
internal sealed record Question(ProbeSpec Target, string Sentence)
{
    /// <summary>The probe asks the same.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>A person has to look at it, whatever else is lost.</summary>
    public bool NeedsDecision { get; init; }

    /// <summary>It only looks whether a process is there.</summary>
    public bool IsOfProcess { get; init; }

    /// <summary>What the command itself sets, in seconds; null: nothing.</summary>
    public decimal? Timeout { get; init; }

    /// <summary>Pieces of the command that the probe does not have.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>The least is the nearest to what nginx answers.</summary>
    public int Rank => !IsOfProcess ? 0 : Target.Process is null ? 1 : 2;

    public Question Losing(IEnumerable<string> more) => this with { Lost = [.. Lost, .. more] };

    /// <summary>It is no longer exact, and a sentence says why.</summary>
    public Question Adding(string sentence) => this with { IsExact = false, Sentence = $"{Sentence} {sentence}" };

    public static ProbeSpec Tcp(int port) => new() { Tcp = new TcpProbeSpec { Port = port } };
}

/// <summary>A command with its variables put in, as far as they are known.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Words">The program first. What only a run would tell stands there as it is written, with its $.</param>
/// <param name="Inputs">Files that it is to read or open, by a redirection.</param>
internal sealed record CheckCommand(string Text, IReadOnlyList<string> Words, IReadOnlyList<string> Inputs)
{
    /// <summary>Without its folder; empty: there is none.</summary>
    public string Program => Words.Count == 0 ? "" : Words[0][(Words[0].LastIndexOf('/') + 1)..];
}
