using System.Globalization;

namespace VipOperator.Interop.Netns.Tests;

/// <summary>What was seen of one event: from the event to the end of the steady time after it.</summary>
/// <param name="Takeover">Until the one that must hold the address did; zero when nothing had to move.</param>
/// <param name="Gap">The longest time that the client had no answer.</param>
/// <param name="TwoHolders">For how long both held the address, in all.</param>
internal sealed record Cell(string Event, TimeSpan Takeover, TimeSpan Gap, TimeSpan TwoHolders)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Takeover.TotalMilliseconds:0} / {Gap.TotalMilliseconds:0} / {TwoHolders.TotalMilliseconds:0}");
}
