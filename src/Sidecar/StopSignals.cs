using System.Runtime.InteropServices;
using VipOperator.Sidecar.Loop;

namespace VipOperator.Sidecar;

/// <summary>Signals, brought from the runtime's thread to the loop's.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly EventLoop _loop;
    private readonly PosixSignalRegistration[] _registrations;
    private int _stops;
    private int _reloads;
    private int _childEnds;

    public StopSignals(EventLoop loop)
    {
        _loop = loop;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Note(c, ref _stops)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Note(c, ref _stops)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => Note(c, ref _reloads)),
            PosixSignalRegistration.Create(PosixSignal.SIGCHLD, c => Note(c, ref _childEnds)),
        ];
    }

    /// <summary>Takes the counts since the last call.</summary>
    public (int Stops, int Reloads, int ChildEnds) Take() =>
        (Interlocked.Exchange(ref _stops, 0), Interlocked.Exchange(ref _reloads, 0),
            Interlocked.Exchange(ref _childEnds, 0));

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void Note(PosixSignalContext context, ref int count)
    {
        context.Cancel = true;
        Interlocked.Increment(ref count);
        _loop.Wake();
    }
}
