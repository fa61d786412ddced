using System.Text.Json;
using VipOperator.Api;
using VipOperator.Planning;
using VipOperator.Vrrp;
using ApiNodePreference = VipOperator.Api.NodePreference;
using NodePreference = VipOperator.Planning.NodePreference;

namespace VipOperator.Operator.Mapping;

/// <summary>A VirtualIP as it is kept: for planning, and with the times that planning knows nothing of.</summary>
internal sealed record VirtualIPEntry(VirtualIPObject Object, ValueList<ConditionTime> Times);

/// <summary>Since when a condition has its status.</summary>
internal sealed record ConditionTime(string Type, DateTimeOffset LastTransition);

/// <summary>From the API's VirtualIP to planning's.</summary>
internal static class VirtualIPMapper
{
    /// <summary>
    /// Never fails: an object that makes no sense, which another version of the CRD may have let in, becomes one
    /// without settings that says what is wrong.
    /// </summary>
    public static VirtualIPEntry Read(JsonElement item, ObjectMetadata metadata)
    {
        VirtualIPObject bare = new()
        {
            Key = new ObjectKey(Shared.Of(metadata.Namespace ?? ""), Shared.Of(metadata.Name ?? "")),
            Uid = Shared.Of(metadata.Uid ?? ""),
            Generation = metadata.Generation ?? 0,
            CreatedUnixS = metadata.CreationTimestamp?.ToUnixTimeSeconds() ?? 0,
            Deleting = metadata.DeletionTimestamp is not null,
            RequestedNode =
                metadata.Annotations?.GetValueOrDefault(WellKnown.ActiveNodeAnnotation) is { Length: > 0 } node
                    ? node : null,
        };
        try
        {
            VirtualIP virtualIP = item.Deserialize(ApiJsonContext.Default.VirtualIP)!;
            return new VirtualIPEntry(
                bare with
                {
                    Settings = SettingsOf(virtualIP.Spec),
                    Report = virtualIP.Status is { } status ? StatusMapper.Read(status) : VirtualIPReport.None,
                },
                StatusMapper.TimesOf(virtualIP.Status));
        }
        catch (Exception e) when (e is JsonException or SpecException)
        {
            (VirtualIPReport report, ValueList<ConditionTime> times) = StatusAlone(item);
            return new VirtualIPEntry(bare with { Problem = e.Message, Report = report }, times);
        }
    }

    /// <exception cref="SpecException">The spec makes no sense.</exception>
    private static VirtualIPSettings SettingsOf(VirtualIPSpec spec)
    {
        ValueList<IpPrefix> addresses = SpecValues.Addresses(spec.Addresses);
        if (addresses.Select(a => a.Address).Distinct().Count() != addresses.Count)
            throw new SpecException("spec.addresses: must not name an address twice.");
        return new VirtualIPSettings
        {
            Addresses = addresses,
            InterfaceName = Shared.Of(spec.InterfaceName),
            Selector = Shared.Of(SelectorOf(spec.Selector, "spec.selector")),
            VirtualRouterId = spec.VirtualRouterId is { } id ? SpecValues.RouterId(id) : null,
            Router = Shared.Of(SpecValues.Router(spec.Vrrp, addresses)),
            Highest = SpecValues.Priority(spec.Priority.Highest, "spec.priority.highest"),
            Preferences = [.. (spec.Priority.Preferences ?? []).Select(PreferenceOf)],
            Spread = spec.Priority.Spread,
            DemoteCordoned = spec.Priority.DemoteCordoned,
            Probe = ProbeDocuments.Write(spec.Probe),
        };
    }

    private static NodePreference PreferenceOf(ApiNodePreference preference) =>
        new(SelectorOf(preference.NodeSelector, "spec.priority.preferences.nodeSelector"), preference.Weight);

    private static Selector SelectorOf(LabelSelector selector, string field) => new(
    [
        .. (selector.MatchLabels ?? new Dictionary<string, string>())
            .OrderBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => new SelectorRequirement(l.Key, SelectorOperator.In, [l.Value])),
        .. (selector.MatchExpressions ?? []).Select(e => new SelectorRequirement(
            e.Key,
            e.Operator switch
            {
                "In" => SelectorOperator.In,
                "NotIn" => SelectorOperator.NotIn,
                "Exists" => SelectorOperator.Exists,
                "DoesNotExist" => SelectorOperator.DoesNotExist,
                _ => throw new SpecException(
                    $"{field}: the operator must be In, NotIn, Exists or DoesNotExist, not '{e.Operator}'."),
            },
            [.. e.Values ?? []])),
    ]);

    // A spec that cannot be read is no reason to forget what was decided before.
    private static (VirtualIPReport Report, ValueList<ConditionTime> Times) StatusAlone(JsonElement item)
    {
        try
        {
            if (item.TryGetProperty("status", out JsonElement element)
                && element.Deserialize(ApiJsonContext.Default.VirtualIPStatus) is { } status)
                return (StatusMapper.Read(status), StatusMapper.TimesOf(status));
        }
        catch (JsonException)
        {
            // Neither can be read.
        }

        return (VirtualIPReport.None, []);
    }
}
