using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>What a check looks at, as a probe.</summary>
/// <param name="Target">The probe with nothing but what is asked.</param>
/// <param name="IsExact">The probe asks the same question.</param>
/// <param name="Sentence">What became of it, for the report.</param>
/// <param name="NeedsDecision">A person has to look at it.</param>
/// <param name="Timeout">What the command itself sets.</param>
/// <param name="RestartGrace">The time that the command gives a service to come back.</param>
internal sealed record Recognition(
    ProbeSpec Target,
    bool IsExact,
    string Sentence,
    bool NeedsDecision = false,
    decimal? Timeout = null,
    int? RestartGrace = null);
