using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>A system call that failed: what was tried, on what, and the error number.</summary>
/// <param name="operation">The call, for example "socket".</param>
/// <param name="errno">The error number, positive.</param>
/// <param name="target">What it was tried on, for a person: a link, an address, a path.</param>
internal sealed class LinuxException(string operation, int errno, string target) : Exception(
    $"{operation} on {target}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    public string Operation { get; } = operation;

    public int Errno { get; } = errno;

    public string Target { get; } = target;

    /// <summary>Passes a result of <see cref="SystemCall"/> on, or throws if it is an error.</summary>
    public static int Check(int result, string operation, string target)
    {
        if (result < 0)
            Throw(operation, -result, target);
        return result;
    }

    [DoesNotReturn]
    private static void Throw(string operation, int errno, string target) =>
        throw new LinuxException(operation, errno, target);
}
