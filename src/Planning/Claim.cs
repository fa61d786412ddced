using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// An address, or an id in one family. On links that are named and differ, ids and link-local addresses mean different
/// things.
/// </summary>
internal readonly record struct Claim(IpAddress? Address, int Id, IpFamily Family, string? Link)
{
    public static IEnumerable<Claim> ForAddresses(IEnumerable<IpPrefix> addresses, string? link) =>
        addresses.Select(a => new Claim(a.Address, 0, a.Address.Family, a.Address.IsLinkLocal ? link : null));

    public static IEnumerable<Claim> ForId(VirtualRouterId id, IEnumerable<IpPrefix> addresses, string? link) =>
        addresses.Select(a => a.Address.Family).Distinct().Select(f => new Claim(null, id.Value, f, link));

    public Claim WithoutLink => this with { Link = null };

    public bool Excludes(string? otherLink) => Link is null || otherLink is null || Link == otherLink;
}
