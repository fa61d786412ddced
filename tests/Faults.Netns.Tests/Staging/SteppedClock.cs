using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>
/// Steps the wall clock for some programs, as clock_settime does for all: CLOCK_REALTIME alone, never a monotonic clock
/// or a timer (libfaketime moves absolute timers of monotonic clocks too).
/// </summary>
internal sealed class SteppedClock : IDisposable
{
    private const string Shim =
        """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdatomic.h>
        #include <stdlib.h>
        #include <fcntl.h>
        #include <sys/mman.h>
        #include <time.h>

        static _Atomic long *offset;

        __attribute__((constructor)) static void open_offset(void)
        {
            int file = open(getenv("STEPPED_CLOCK"), O_RDONLY);
            void *page = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
            offset = page == MAP_FAILED ? 0 : page;
        }

        int clock_gettime(clockid_t clock, struct timespec *now)
        {
            static int (*real)(clockid_t, struct timespec *);
            if (!real)
                real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(clock, now);
            if (result == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                now->tv_sec += *offset;
            return result;
        }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-clock-");
    private readonly string _offset;
    private readonly string _library;

    public SteppedClock()
    {
        _offset = Path.Combine(_folder.FullName, "offset");
        _library = Path.Combine(_folder.FullName, "clock.so");
        File.WriteAllBytes(_offset, new byte[8]);
        string source = Path.Combine(_folder.FullName, "clock.c");
        File.WriteAllText(source, Shim);
        Command.Run("gcc", "-shared", "-fPIC", "-O1", "-o", _library, source, "-ldl");
    }

    /// <summary>A command that runs a program with this clock.</summary>
    public string[] Wrapper => ["env", $"LD_PRELOAD={_library}", $"STEPPED_CLOCK={_offset}"];

    public void Step(TimeSpan by)
    {
        // In place: the programs have the file mapped.
        using FileStream file = File.OpenWrite(_offset);
        file.Write(BitConverter.GetBytes((long)by.TotalSeconds));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
