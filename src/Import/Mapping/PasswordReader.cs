using System.Text;

namespace VipOperator.Import;

/// <summary>Reads an authentication block.</summary>
internal static class PasswordReader
{
    /// <summary>What keepalived sends of a password.</summary>
    private const int PasswordBytes = 8;

    public static void Read(Instance instance, Directive block, Complaints complaints)
    {
        complaints.Ledger.Mapped(block, "Its lines follow.");
        Directive? type = null;
        Directive? password = null;
        foreach (Directive directive in block.Children)
        {
            if (directive.Kind == DirectiveKind.Unknown)
            {
                complaints.LeaveUnknown(directive);
            }
            else if (directive.Name == "auth_type")
            {
                if (complaints.Value(directive) is "PASS" or "AH")
                    type = directive;
                else
                    complaints.Refuse(
                        directive, $"keepalived knows no authentication {directive.Argument}; it leaves it out");
            }
            else if (complaints.Value(directive).Length > 0)
            {
                if (password is not null)
                    complaints.Ledger.Left(password, $"The auth_pass in line {directive.Place.Line} counts instead.");
                password = directive;
                if (Encoding.UTF8.GetByteCount(directive.Argument) > PasswordBytes)
                    complaints.Note(
                        directive, $"keepalived takes the first {PasswordBytes} characters of the password alone");
            }
        }

        Decide(instance, type, password, complaints.Ledger);
    }

    private static void Decide(Instance instance, Directive? type, Directive? password, Ledger ledger)
    {
        if (type?.Argument == "AH")
        {
            ledger.Left(
                type, "There is no AH authentication; take auth_type PASS, or HMAC, on all hosts first.", decide: true);
            if (password is not null)
                ledger.Left(password, "It belongs to auth_type AH.");
        }
        else if (type is null && password is not null)
        {
            ledger.Left(password, "keepalived uses no password without an auth_type.");
        }
        else if (type is not null && password is null)
        {
            ledger.Left(type, "keepalived uses no authentication without an auth_pass.");
        }
        else if (type is not null && password is not null)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(password.Argument);
            bool isLonger = bytes.Length > PasswordBytes;
            instance.Credential = new Credential(
                IsHmac: false,
                isLonger ? Encoding.UTF8.GetString(bytes.AsSpan(0, PasswordBytes)) : password.Argument, password);
            ledger.Mapped(type, "It becomes vrrp.authentication.type Simple.");
            if (isLonger)
                ledger.Approximated(password,
                    $"It is the Secret's value, cut to {PasswordBytes} bytes: keepalived sends no more of it.");
            else
                ledger.Mapped(password, "It is the Secret's value.");
        }
    }
}
