using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace VipOperator.Sidecar.Linux;

/// <summary>A child process, watched through a pidfd that becomes readable when it ends.</summary>
internal sealed unsafe class ChildProcess : IDisposable
{
    public const int Terminate = 15; // SIGTERM
    public const int HangUp = 1; // SIGHUP
    public const int Kill = 9; // SIGKILL

    private const nint PidfdOpen = 434;
    private const short SetSignalDefaults = 0x4; // POSIX_SPAWN_SETSIGDEF
    private const short SetSignalMask = 0x8; // POSIX_SPAWN_SETSIGMASK

    // Opaque structures; the C libraries use at most 336 (attributes), 80 (actions) and 128 (signal set) bytes.
    private const int OpaqueLength = 512;

    private ChildProcess(int processId, Descriptor exit)
    {
        ProcessId = processId;
        Exit = exit;
    }

    public int ProcessId { get; }

    /// <summary>The pidfd.</summary>
    public Descriptor Exit { get; }

    /// <summary>
    /// Starts <paramref name="path"/> from the calling thread, whose capabilities it inherits. It gets our environment
    /// and
    /// <paramref name="variable"/>, our standard streams, and <paramref name="inherited"/> as <paramref
    /// name="inheritedAs"/>.
    /// </summary>
    /// <exception cref="LinuxException">It cannot be started.</exception>
    public static ChildProcess Start(
        string path, IReadOnlyList<string> arguments, string variable, Descriptor inherited, int inheritedAs)
    {
        byte** argumentVector = Allocate([path, .. arguments]);
        byte** environment =
            Allocate([.. Environment().Where(e => !e.StartsWith(variable + "=", StringComparison.Ordinal)),
                $"{variable}={inheritedAs}"]);
        byte* pathBytes = Allocate(path);
        byte* actions = stackalloc byte[OpaqueLength];
        byte* attributes = stackalloc byte[OpaqueLength];
        byte* signals = stackalloc byte[OpaqueLength];
        try
        {
            Check(LibC.posix_spawn_file_actions_init(actions), path);
            Check(LibC.posix_spawnattr_init(attributes), path);
            Check(LibC.posix_spawn_file_actions_adddup2(actions, inherited.Number, inheritedAs), path);
            // The runtime ignores SIGPIPE and may block signals; the child starts as from a shell.
            _ = LibC.sigemptyset(signals);
            Check(LibC.posix_spawnattr_setsigmask(attributes, signals), path);
            _ = LibC.sigfillset(signals);
            Check(LibC.posix_spawnattr_setsigdefault(attributes, signals), path);
            Check(LibC.posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask), path);
            int processId;
            Check(LibC.posix_spawn(&processId, pathBytes, actions, attributes, argumentVector, environment), path);
            _ = LibC.posix_spawn_file_actions_destroy(actions);
            _ = LibC.posix_spawnattr_destroy(attributes);
            int descriptor = SystemCall.Result(LibC.syscall(PidfdOpen, processId, 0));
            if (descriptor < 0)
            {
                // Nobody would hear of its end: rather no child than one that is lost.
                _ = LibC.kill(processId, Kill);
                _ = LibC.waitpid(processId, null, 0);
            }

            return new ChildProcess(processId, new Descriptor(LinuxException.Check(descriptor, "pidfd_open", path)));
        }
        finally
        {
            Free(argumentVector);
            Free(environment);
            NativeMemory.Free(pathBytes);
        }
    }

    /// <summary>Replaces this process by <paramref name="path"/>.</summary>
    /// <returns>Only if that fails: the error number.</returns>
    public static int Replace(string path, IReadOnlyList<string> arguments)
    {
        // Nothing to free: either the process is replaced or it ends.
        _ = LibC.execve(Allocate(path), Allocate([path, .. arguments]), Allocate([.. Environment()]));
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>Sends a signal; a child that has ended already is no error.</summary>
    public void Signal(int signal) => _ = LibC.kill(ProcessId, signal);

    /// <summary>
    /// The exit code of a wait status; 128 and the signal number when a signal ended it, as a shell says it.
    /// </summary>
    public static int ExitCode(int status) => (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);

    public void Dispose() => Exit.Dispose();

    private static void Check(int error, string path) => LinuxException.Check(-error, "posix_spawn", path);

    private static IEnumerable<string> Environment()
    {
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            yield return $"{entry.Key}={entry.Value}";
    }

    private static byte* Allocate(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    private static byte** Allocate(IReadOnlyList<string> texts)
    {
        byte** vector = (byte**)NativeMemory.Alloc((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Count; i++)
            vector[i] = Allocate(texts[i]);
        vector[texts.Count] = null;
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (byte** entry = vector; *entry is not null; entry++)
            NativeMemory.Free(*entry);
        NativeMemory.Free(vector);
    }
}
