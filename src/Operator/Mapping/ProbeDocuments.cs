using System.Text.Json;
using VipOperator.Api;
using VipOperator.Planning;

namespace VipOperator.Operator.Mapping;

/// <summary>Probes pass through planning unread, as text.</summary>
internal static class ProbeDocuments
{
    public static ProbeDocument? Write(ProbeSpec? probe)
    {
        if (probe is null)
            return null;

        // Resolved here, so that a sidecar has nothing left to decide.
        ProbeSpec resolved = probe with
        {
            Weight = probe.OnFailure == ProbeFailureAction.Demote ? probe.Weight ?? ProbeSpec.DefaultWeight : null,
        };
        return Shared.Of(new ProbeDocument(JsonSerializer.Serialize(resolved, ApiJsonContext.Default.ProbeSpec)));
    }

    public static ProbeSpec? Read(ProbeDocument? probe) =>
        probe is null ? null : JsonSerializer.Deserialize(probe.CanonicalJson, ApiJsonContext.Default.ProbeSpec);
}
