using System.CommandLine;
using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// "test-notifications FILE": says what is wrong with the file, or sends a message to each of its channels, once. Exit
/// codes: 0 all of them have it, 1 not all, 2 the file is wrong.
/// </summary>
internal sealed class TestNotificationsCommand : Command
{
    public const string Reason = "Test";

    private readonly Argument<string> _file = new("FILE") { Description = "The file that --notifications would name." };
    private readonly Option<string[]> _only = new("--channel")
    {
        Description = "A channel to try; by default all. May be given several times.",
        DefaultValueFactory = _ => [],
    };

    public TestNotificationsCommand()
        : base("test-notifications", "Checks a file of notification settings and sends a test message to its channels.")
    {
        Add(_file);
        Add(_only);
        SetAction((result, cancellation) => RunAsync(
            result.GetValue(_file)!,
            result.GetValue(_only)!,
            result.InvocationConfiguration.Output,
            result.InvocationConfiguration.Error,
            cancellation));
    }

    private static async Task<int> RunAsync(
        string path, string[] only, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        NotificationFile file = NotificationFile.Load(path);
        foreach (string problem in file.Problems)
            await error.WriteLineAsync(problem);
        if (file.Settings is not { } settings)
            return 2;
        string[] unknown = [.. only.Except(settings.Channels.Select(c => c.Name))];
        if (unknown.Length > 0)
        {
            await error.WriteLineAsync($"{path} has no channel named {string.Join(", ", unknown)}.");
            return 2;
        }

        bool failed = false;
        foreach (ChannelSettings channel in settings.Channels.Where(c => only.Length == 0 || only.Contains(c.Name)))
        {
            try
            {
                await Delivery.Of(
                    new Batch([Message()], DateTimeOffset.UtcNow), channel, settings.ClusterName, TimeProvider.System)
                    .TryAsync(cancellation);
                await output.WriteLineAsync($"{channel.Name}: sent.");
            }
            catch (DeliveryException e)
            {
                failed = true;
                await error.WriteLineAsync($"{channel.Name}: {e.Message}");
            }
        }

        return failed ? 1 : 0;
    }

    private static Notification Message() => new()
    {
        Time = DateTimeOffset.UtcNow,
        Severity = Severity.Normal,
        Reason = Reason,
        Message = "Somebody tries whether messages of this channel arrive. Nothing has happened.",
        VirtualIP = new ObjectKey("default", "test"),
        Uid = "",
    };
}
