using System.Diagnostics;

namespace VipOperator.Traffic;

/// <summary>
/// A wire between two links on which each frame takes a time of its own, so that frames overtake each other.
/// </summary>
internal static class DelayingWire
{
    public static int Run(string one, string other, int mostMilliseconds)
    {
        using LinkSocket first = new(one);
        using LinkSocket second = new(other);
        Thread back = new(() => Carry(second, first, mostMilliseconds)) { IsBackground = true };
        back.Start();
        Console.WriteLine("ready");
        Carry(first, second, mostMilliseconds);
        return 0;
    }

    private static void Carry(LinkSocket from, LinkSocket to, int mostMilliseconds)
    {
        PriorityQueue<byte[], long> waiting = new();
        Lock gate = new();
        using AutoResetEvent arrived = new(false);
        Thread sender = new(() => SendInTime(waiting, gate, arrived, to)) { IsBackground = true };
        sender.Start();
        Random random = new(1);
        byte[] frame = new byte[65536];
        while (true)
        {
            byte[] copy = frame[..from.Receive(frame)];
            long due = Stopwatch.GetTimestamp() + (random.Next(mostMilliseconds + 1) * Stopwatch.Frequency / 1000);
            lock (gate)
                waiting.Enqueue(copy, due);
            arrived.Set();
        }
    }

    private static void SendInTime(
        PriorityQueue<byte[], long> waiting, Lock gate, AutoResetEvent arrived, LinkSocket to)
    {
        while (true)
        {
            byte[]? next = null;
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            lock (gate)
            {
                if (waiting.TryPeek(out _, out long due))
                {
                    long left = due - Stopwatch.GetTimestamp();
                    if (left <= 0)
                        next = waiting.Dequeue();
                    else
                        wait = TimeSpan.FromMilliseconds((left * 1000 / Stopwatch.Frequency) + 1);
                }
            }

            if (next is null)
                arrived.WaitOne(wait);
            else
                to.Send(next);
        }
    }
}
