using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;

namespace VipOperator.Agent.Commands;

/// <summary><c>status</c>: what the sidecar here does, as a table or as the JSON of <c>/state</c>.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <returns>The exit code: 0, or 1 when no agent answers.</returns>
    public static async Task<int> RunAsync(
        AgentSettings settings, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        EndPoint address = settings.StatusAddress ?? (EndPoint)new UnixDomainSocketEndPoint(settings.SocketPath);
        try
        {
            (int status, byte[] body) =
                await LocalAgent.AskAsync(address, "GET", "/state", Timeout, cancellationToken).ConfigureAwait(false);
            if (status != 200
                || JsonSerializer.Deserialize(body, StateJsonContext.Default.StateDocument) is not { } state)
                throw new InvalidDataException("The answer is not that of an agent.");
            output.Write(settings.OutputJson ? Encoding.UTF8.GetString(body) + "\n" : Table(state));
            return 0;
        }
        catch (JsonException)
        {
            errors.WriteLine($"{address}: the answer is not that of an agent.");
            return 1;
        }
        catch (Exception e) when (LocalAgent.Explain(e, address) is { } explanation)
        {
            errors.WriteLine(explanation);
            return 1;
        }
    }

    public static string Table(StateDocument state)
    {
        List<string[]> rows =
            [["VIRTUALIP", "FAMILY", "VRID", "LINK", "STATE", "SINCE", "PRIORITY", "PROBE", "ACTIVE", "ADDRESSES"]];
        List<string> notes = [];
        foreach (StateMember member in state.Members)
        {
            if (member.Problem is not null)
                notes.Add($"{member.Namespace}/{member.Name}: {member.ProblemReason}: {member.Problem}");
            if (member.Probe is { Message: not null } probe)
                notes.Add($"{member.Namespace}/{member.Name}: probe {probe.Description}: {probe.Message}");
            foreach (StateRouter router in member.Routers)
            {
                rows.Add(Row(state, member, router));
                if (router.Problem is not null)
                    notes.Add($"{member.Namespace}/{member.Name} {router.Family}: {router.Problem}");
                else if (router.State == Api.MemberState.Fault && router.Hints.All(h => h.Kind != router.Reason))
                    notes.Add($"{member.Namespace}/{member.Name} {router.Family}: {Fault(router)}");
                foreach (StateHint hint in router.Hints)
                    notes.Add($"{member.Namespace}/{member.Name} {router.Family}: {hint.Kind}: {hint.Message}");
            }
        }

        foreach (StateHeard heard in state.Heard)
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"heard on {heard.InterfaceName}: {heard.Source}, virtual router id {heard.VirtualRouterId}, priority "
                + $"{heard.Priority}: {heard.Reason} ({heard.Count} times)"));
        if (state.Api is { Connected: false } api)
            notes.Add($"API server {api.Server}: not connected since {api.Since:u}: {api.Message}");
        return rows.Count == 1 && notes.Count == 0
            ? "No routers are configured.\n"
            : Align(rows) + string.Concat(notes.Select(n => n + "\n"));
    }

    private static string Fault(StateRouter router)
    {
        string text = FaultText.Of(router.Reason, router.Family, router.InterfaceName);
        return text.Length > 0 ? $"Fault: {router.Reason}: {text}" : $"Fault: {router.Reason}";
    }

    private static string[] Row(StateDocument state, StateMember member, StateRouter router) =>
    [
        $"{member.Namespace}/{member.VirtualIP}",
        router.Family,
        router.VirtualRouterId.ToString(CultureInfo.InvariantCulture),
        router.InterfaceName ?? "-",
        router.State?.ToString() ?? "-",
        router.Since is { } since ? Age(state.Now - since) : "-",
        router.EffectivePriority is { } effective && effective != router.Priority
            ? string.Create(CultureInfo.InvariantCulture, $"{effective} ({router.Priority})")
            : router.Priority.ToString(CultureInfo.InvariantCulture),
        member.Probe?.Result.ToString() ?? "-",
        router.State == Api.MemberState.Active ? "here" : router.ActiveAddress ?? "-",
        string.Join(",", router.Addresses),
    ];

    // As kubectl prints ages: one or two units.
    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds}s"),
        { TotalMinutes: < 120 } =>
            string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m{age.Seconds}s"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h{age.Minutes}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d{age.Hours}h"),
    };

    private static string Align(List<string[]> rows)
    {
        StringBuilder text = new();
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(r => r[i].Length))];
        foreach (string[] row in rows)
            text.Append(string.Join("   ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()).Append('\n');
        return text.ToString();
    }
}
