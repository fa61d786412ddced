namespace VipOperator.Vrrp;

/// <summary>
/// VRRP priority, 0–255 (RFC 9568 §5.2.4). 255 is the address owner, 1–254 are Backups, 0 says that the Active
/// router stops taking part.
/// </summary>
public readonly record struct Priority(byte Value) : IComparable<Priority>
{
    /// <summary>0: sent once by an Active router that gives the addresses up.</summary>
    public static Priority Resigning => new(0);

    /// <summary>255: the router that owns the addresses. The operator never assigns it.</summary>
    public static Priority AddressOwner => new(255);

    public bool IsResigning => Value == 0;

    public bool IsAddressOwner => Value == 255;

    /// <summary>A priority that can be assigned to a member.</summary>
    /// <returns>false when <paramref name="value"/> is outside 1–254.</returns>
    public static bool TryCreateAssignable(int value, out Priority priority)
    {
        bool valid = value is >= 1 and <= 254;
        priority = valid ? new Priority((byte)value) : default;
        return valid;
    }

    public int CompareTo(Priority other) => Value.CompareTo(other.Value);

    public static bool operator <(Priority left, Priority right) => left.Value < right.Value;

    public static bool operator >(Priority left, Priority right) => left.Value > right.Value;

    public static bool operator <=(Priority left, Priority right) => left.Value <= right.Value;

    public static bool operator >=(Priority left, Priority right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
