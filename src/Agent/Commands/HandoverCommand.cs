using System.Net.Sockets;
using System.Text.Json;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Settings;
using VipOperator.Api;

namespace VipOperator.Agent.Commands;

/// <summary>
/// <c>handover</c>: lets peers have the addresses and returns when they do, for a pod's preStop hook.
/// </summary>
internal static class HandoverCommand
{
    /// <summary>Beside the time that peers get: the agent has to answer.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    /// <returns>
    /// The exit code: 0 when no router is Active here any more, 1 when one waits in vain or no agent answers.
    /// </returns>
    public static async Task<int> RunAsync(
        AgentSettings settings, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        UnixDomainSocketEndPoint address = new(settings.SocketPath);
        string target = "/handover?timeout=" + new GatewayDuration(settings.HandoverTimeout);
        try
        {
            (int status, byte[] body) = await LocalAgent.AskAsync(
                address, "POST", target, settings.HandoverTimeout + Margin, cancellationToken).ConfigureAwait(false);
            if (status != 200
                || JsonSerializer.Deserialize(body, StateJsonContext.Default.HandoverDocument) is not { } result)
                throw new InvalidDataException("The answer is not that of an agent.");
            foreach (string router in result.HandedOver)
                output.WriteLine($"{router}: handed over");
            foreach (string router in result.Pending)
                errors.WriteLine(
                    $"{router}: no peer took the addresses within {new GatewayDuration(settings.HandoverTimeout)}");
            if (result.HandedOver.Count + result.Pending.Count == 0)
                output.WriteLine("No router is Active here; nothing to hand over.");
            return result.Pending.Count == 0 ? 0 : 1;
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
}
