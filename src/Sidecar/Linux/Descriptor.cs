using Microsoft.Win32.SafeHandles;

namespace VipOperator.Sidecar.Linux;

/// <summary>An open file descriptor that this process owns.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Valid until disposed; descriptors belong to the loop's thread, which also disposes them.</summary>
    public int Number => !IsClosed ? (int)handle : throw new ObjectDisposedException(nameof(Descriptor));

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
