using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using VipOperator.Agent.Endpoints;
using VipOperator.Agent.Settings;

namespace VipOperator.Agent.Commands;

/// <summary>
/// <c>capture</c>: prints the advertisements that the sidecar here sends and hears, decoded, as they go by.
/// </summary>
internal static class CaptureCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <returns>The exit code: 0, or 1 when no agent answers.</returns>
    public static async Task<int> RunAsync(
        AgentSettings settings, TimeProvider time, TextWriter output, TextWriter errors,
        CancellationToken cancellationToken)
    {
        UnixDomainSocketEndPoint address = new(settings.SocketPath);
        long start = time.GetTimestamp();
        try
        {
            long? after = null;
            while (time.GetElapsedTime(start) < settings.CaptureDuration)
            {
                string target = after is null
                    ? "/capture"
                    : string.Create(CultureInfo.InvariantCulture, $"/capture?after={after}");
                (int status, byte[] body) = await LocalAgent.AskAsync(address, "POST", target, Timeout,
                    cancellationToken).ConfigureAwait(false);
                if (status != 200
                    || JsonSerializer.Deserialize(body, CaptureJsonContext.Default.CaptureDocument) is not { } document)
                    throw new InvalidDataException("The answer is not that of an agent that can capture.");
                foreach (CaptureAdvertisement advertisement in document.Advertisements)
                {
                    output.WriteLine(settings.OutputJson
                        ? JsonSerializer.Serialize(advertisement, CaptureJsonContext.Default.CaptureAdvertisement)
                        : Line(advertisement));
                }

                output.Flush();
                after = document.Last;
            }

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

    public static string Line(CaptureAdvertisement a)
    {
        string missed = a.Missed > 0 ? string.Create(CultureInfo.InvariantCulture, $"({a.Missed} left out)\n") : "";
        string reason = a.Reason is null ? "" : $" ({a.Reason})";
        string decoded = a.Interval is null
            ? ""
            : $", every {a.Interval}, authentication {a.Authentication}, {string.Join(' ', a.Addresses ?? [])}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{missed}{a.Time:HH:mm:ss.fff}  {a.What}{reason}  {a.InterfaceName}  {a.Source} > {a.Destination}: "
            + $"VRRPv{a.Version}, virtual router id {a.VirtualRouterId}, priority {a.Priority}{decoded}");
    }
}
