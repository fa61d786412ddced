using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;

namespace VipOperator.Sidecar.Agent;

/// <summary>An agent that has been started.</summary>
/// <param name="Stream">Our end of the stream to it.</param>
internal sealed record LaunchedAgent(ChildProcess Process, Descriptor Stream);

/// <summary>
/// Starts agents from a thread of its own that has given up every capability. Capabilities belong to threads, so what
/// it starts has none while the loop keeps its own; and starting a process, which takes milliseconds, holds up nothing.
/// </summary>
internal sealed class AgentLauncher
{
    private const int StackBytes = 256 * 1024;
    private const int AgentDescriptor = 3; // the first after the standard streams

    private readonly string _path;
    private readonly IReadOnlyList<string> _arguments;
    private readonly Action _finished;
    private readonly object _gate = new();
    private bool _wanted;
    private object? _result;

    /// <param name="finished">Called on the launcher's thread when there is a result to take.</param>
    public AgentLauncher(string path, IReadOnlyList<string> arguments, Action finished)
    {
        _path = path;
        _arguments = arguments;
        _finished = finished;
        Thread thread = new(Run, StackBytes) { IsBackground = true, Name = "agent-launcher" };
        thread.Start();
    }

    /// <summary>Has an agent started; the result comes later.</summary>
    public void Launch()
    {
        lock (_gate)
        {
            _wanted = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Takes the result of the last <see cref="Launch"/>, once: one of the two is set.</summary>
    /// <returns>false when there is none.</returns>
    public bool TryTake(out LaunchedAgent? launched, out string? problem)
    {
        object? result = Interlocked.Exchange(ref _result, null);
        launched = result as LaunchedAgent;
        problem = result as string;
        return result is not null;
    }

    private void Run()
    {
        string? refused = DropCapabilities();
        while (true)
        {
            WaitUntilWanted();
            Volatile.Write(ref _result, refused ?? TryLaunch());
            _finished();
        }
    }

    private void WaitUntilWanted()
    {
        lock (_gate)
        {
            while (!_wanted)
                Monitor.Wait(_gate);
            _wanted = false;
        }
    }

    private static string? DropCapabilities()
    {
        try
        {
            Capabilities.DropAllFromThisThread();
            return null;
        }
        catch (LinuxException e)
        {
            return $"its capabilities cannot be taken away: {e.Message}";
        }
    }

    private object TryLaunch()
    {
        Descriptor ours;
        Descriptor theirs;
        try
        {
            (ours, theirs) = StreamPair.Open();
        }
        catch (LinuxException e)
        {
            return e.Message; // Out of descriptors: tried again, as any other problem.
        }

        try
        {
            ChildProcess process = ChildProcess.Start(
                _path, _arguments, ContractVersion.DescriptorVariable, theirs, AgentDescriptor);
            return new LaunchedAgent(process, ours);
        }
        catch (LinuxException e)
        {
            ours.Dispose();
            return e.Message;
        }
        finally
        {
            theirs.Dispose();
        }
    }
}
