namespace VipOperator.Vrrp.Tests;

/// <summary>Who hears whom, how late and how often; by default everybody, within 20 µs to 2 ms, once.</summary>
internal sealed class SimulatedNetwork(int nodes, int families)
{
    /// <summary>The longest way of a packet while nothing is wrong, in nanoseconds.</summary>
    public const long UsualDelay = 2_000_000;

    private const long ShortestDelay = 20_000;

    private readonly bool[] _isDeaf = new bool[nodes * nodes * families];

    public int LossPerMille { get; set; }

    public int DuplicatesPerMille { get; set; }

    public long LongestDelay { get; set; } = UsualDelay;

    public bool Reaches(int sender, int receiver, int family) => !_isDeaf[Index(sender, receiver, family)];

    public void Deafen(int receiver, int sender, int family) => _isDeaf[Index(sender, receiver, family)] = true;

    public void Deafen(int receiver, int sender)
    {
        for (int family = 0; family < families; family++)
            Deafen(receiver, sender, family);
    }

    public void Partition(long sides)
    {
        for (int i = 0; i < nodes; i++)
        {
            for (int j = 0; j < nodes; j++)
            {
                if ((((sides >> i) ^ (sides >> j)) & 1) != 0)
                    Deafen(i, j);
            }
        }
    }

    public void Heal() => Array.Clear(_isDeaf);

    public long Delay(Random random) => random.NextInt64(ShortestDelay, Math.Max(LongestDelay, ShortestDelay + 1));

    private int Index(int sender, int receiver, int family) => (((sender * nodes) + receiver) * families) + family;
}
