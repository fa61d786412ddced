using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using MimeKit;
using VipOperator.Api;
using VipOperator.Documents;
using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// What a file of notification settings says, or everything that is wrong with it as "FILE:LINE:COLUMN: …" lines.
/// </summary>
/// <param name="Settings">null when there are problems.</param>
internal sealed record NotificationFile(NotificationSettings? Settings, ImmutableArray<string> Problems)
{
    public const string KindName = "NotificationConfiguration";

    /// <summary>64 channels with 100 recipients each are far below it.</summary>
    private const int LargestBytes = 256 * 1024;

    private static readonly string[] Reasons = Enum.GetNames<EventReason>();
    private static readonly GatewayDuration Day = GatewayDuration.FromSeconds(24 * 60 * 60);

    public static NotificationFile Load(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LargestBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > LargestBytes
                ? Failed($"{path}:1:1: the file is larger than {LargestBytes / 1024} KiB")
                : Parse(path, new UTF8Encoding(false, throwOnInvalidBytes: true)
                    .GetString(bytes, 0, length).TrimStart('\ufeff'));
        }
        catch (DecoderFallbackException)
        {
            return Failed($"{path}:1:1: the file is not UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed($"{path}:1:1: the file cannot be read: {e.Message}");
        }
    }

    /// <param name="path">For the messages.</param>
    public static NotificationFile Parse(string path, string text)
    {
        List<TextProblem> problems = [];
        NotificationSettings? settings = null;
        List<YamlNode> documents = YamlReader.Read(text, problems);
        if (documents.Count != 1 && problems.Count == 0)
            problems.Add(new TextProblem(documents.ElementAtOrDefault(1)?.Position ?? new TextPosition(1, 1),
                $"one document is needed, not {documents.Count}"));
        else if (documents.Count > 0 && YamlJson.Convert(documents[0], problems) is var (document, map))
        {
            List<SpecProblem> found = [];
            using (document)
                settings = Read(ObjectFields.Of(document.RootElement, "", found), found);
            problems.AddRange(found
                .Where(p => !map.Refused.Contains(p.Path))
                .Select(p => new TextProblem(map.PositionOf(p.Path), p.ToString())));
        }

        return problems.Count == 0
            ? new NotificationFile(settings, [])
            : new NotificationFile(null, [.. problems
                .OrderBy(p => p.Position.Line).ThenBy(p => p.Position.Column)
                .Select(p => $"{path}:{p.Position.Line}:{p.Position.Column}: {p.Message}")
                .Distinct(StringComparer.Ordinal)]);
    }

    private static NotificationSettings Read(ObjectFields file, List<SpecProblem> problems)
    {
        file.Required("apiVersion", GroupVersion.ApiVersion);
        file.Choice("apiVersion", GroupVersion.ApiVersion);
        file.Required("kind", KindName);
        file.Choice("kind", KindName);
        string? cluster = OneLine(file, "clusterName", 100);
        file.Required("channels", "a list of 1 to 64 channels");
        IReadOnlyList<JsonElement> items = file.List("channels", 1, 64) ?? [];
        List<ChannelSettings> channels = [];
        for (int i = 0; i < items.Count; i++)
        {
            ChannelSettings channel = ReadChannel(ObjectFields.Of(items[i], $"channels[{i}]", problems));
            if (channel.Name.Length > 0 && channels.Any(c => c.Name == channel.Name))
                file.Report($"channels[{i}].name", $"'{channel.Name}' is the name of a channel before it already");
            channels.Add(channel);
        }

        file.RefuseOthers();
        return new NotificationSettings { ClusterName = cluster ?? "", Channels = [.. channels] };
    }

    private static ChannelSettings ReadChannel(ObjectFields fields)
    {
        fields.Required("name", "a name");
        string name = fields.String("name", longest: 63) ?? "";
        // It stands in metrics and logs.
        if (name.Any(c => c is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '-')))
            fields.Report("name", $"is '{name}'; allowed are lower-case letters, digits and '-'");
        string? severity = fields.Choice("minimumSeverity", Enum.GetNames<Severity>());
        ValueList<EventReason>? reasons = fields.List("reasons", 1, Reasons.Length) is { } named
            ? [.. named.Select((item, i) => ReadReason(fields, $"reasons[{i}]", item)).OfType<EventReason>()]
            : null;
        ObjectFields? rate = fields.Object("rateLimit");
        ObjectFields? mail = fields.Object("mail");
        ObjectFields? webhook = fields.Object("webhook");
        if (!fields.IsBroken && mail is null == webhook is null)
            fields.Report("", "must have either mail or webhook");
        ChannelSettings defaults = new() { Name = name };
        ChannelSettings channel = defaults with
        {
            MinimumSeverity = severity is null ? defaults.MinimumSeverity : Enum.Parse<Severity>(severity),
            Reasons = reasons ?? defaults.Reasons,
            Namespaces = Strings(fields, "namespaces", 1, 100),
            GatherTime = fields.Duration("gatherTime", GatewayDuration.Zero,
                GatewayDuration.FromSeconds(600)) ?? defaults.GatherTime,
            RateMessages = rate?.Integer("messages", 1, 10_000) ?? defaults.RateMessages,
            RateInterval = rate?.Duration("interval", GatewayDuration.FromSeconds(1), Day) ?? defaults.RateInterval,
            RetryFor = fields.Duration("retryFor", GatewayDuration.Zero, Day) ?? defaults.RetryFor,
            Mail = mail is null ? null : ReadMail(mail),
            Webhook = webhook is null ? null : ReadWebhook(webhook),
        };
        rate?.RefuseOthers();
        fields.RefuseOthers();
        return channel;
    }

    private static EventReason? ReadReason(ObjectFields channel, string field, JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String && Reasons.Contains(item.GetString()))
            return Enum.Parse<EventReason>(item.GetString()!);
        channel.Report(field, $"is {ObjectFields.Shown(item)}; allowed are {string.Join(", ", Reasons)}");
        return null;
    }

    private static MailSettings ReadMail(ObjectFields mail)
    {
        mail.Required("server", "the name or address of an SMTP server");
        string server = mail.String("server", longest: 253) ?? "";
        if (server.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or ':' or '_')))
            mail.Report("server", "may have letters, digits, '-', '_', '.' and ':'; the port is a field of its own");
        ObjectFields? tls = mail.Object("tls");
        TlsMode mode = tls?.Choice("mode", Enum.GetNames<TlsMode>()) is { } named
            ? Enum.Parse<TlsMode>(named)
            : TlsMode.Required;
        ObjectFields? authentication = mail.Object("authentication");
        authentication?.Required("usernameFile", "the path of a file with the user's name");
        authentication?.Required("passwordFile", "the path of a file with the password");
        mail.Required("from", "a mail address");
        mail.Required("to", "a list of 1 to 100 mail addresses");
        ValueList<string> to = Strings(mail, "to", 1, 100);
        for (int i = 0; i < to.Count; i++)
            CheckMailbox(mail, $"to[{i}]", to[i]);
        string? from = mail.String("from", longest: 320);
        if (from is not null)
            CheckMailbox(mail, "from", from);
        MailSettings settings = new()
        {
            Server = server,
            Port = mail.Integer("port", 1, 65535) ?? (mode == TlsMode.Implicit ? 465 : 587),
            TlsMode = mode,
            CaFile = tls is null ? null : FilePath(tls, "caFile"),
            UsernameFile = authentication is null ? null : FilePath(authentication, "usernameFile"),
            PasswordFile = authentication is null ? null : FilePath(authentication, "passwordFile"),
            From = from ?? "",
            To = to,
            Timeout = mail.Duration("timeout", GatewayDuration.FromSeconds(1), GatewayDuration.FromSeconds(300))
                ?? TimeSpan.FromSeconds(30),
        };
        tls?.RefuseOthers();
        authentication?.RefuseOthers();
        mail.RefuseOthers();
        return settings;
    }

    private static WebhookSettings ReadWebhook(ObjectFields webhook)
    {
        string? url = webhook.String("url", longest: 2048);
        string? urlFile = FilePath(webhook, "urlFile");
        if (!webhook.IsBroken && url is null == urlFile is null)
            webhook.Report("", "must have either url or urlFile");
        if (url is not null && !WebhookDelivery.TryReadUrl(url, out _))
            webhook.Report(
                "url", "must be an http:// or https:// address without a user's name; an address that is a secret "
                    + "belongs into urlFile");
        ObjectFields? tls = webhook.Object("tls");
        WebhookSettings settings = new()
        {
            Url = url,
            UrlFile = urlFile,
            SigningKeyFile = FilePath(webhook, "signingKeyFile"),
            CaFile = tls is null ? null : FilePath(tls, "caFile"),
            Timeout = webhook.Duration("timeout", GatewayDuration.FromSeconds(1), GatewayDuration.FromSeconds(300))
                ?? TimeSpan.FromSeconds(10),
        };
        tls?.RefuseOthers();
        webhook.RefuseOthers();
        return settings;
    }

    private static string? FilePath(ObjectFields fields, string name)
    {
        string? path = fields.String(name, longest: 4096);
        if (path is not null && !Path.IsPathRooted(path))
            fields.Report(name, $"is '{path}'; allowed is the absolute path of a file");
        return path;
    }

    private static void CheckMailbox(ObjectFields fields, string name, string text)
    {
        if (!MailboxAddress.TryParse(text, out MailboxAddress? mailbox)
            || !mailbox.Address.Contains('@', StringComparison.Ordinal)
            || text.AsSpan().ContainsAny('\r', '\n'))
            fields.Report(name,
                $"is '{text}'; allowed is a mail address, such as ops@example.org or 'Operations <ops@example.org>'");
    }

    private static ValueList<string> Strings(ObjectFields fields, string name, int fewest, int most)
    {
        List<string> texts = [];
        foreach ((int i, JsonElement item) in (fields.List(name, fewest, most) ?? []).Index())
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text)
                texts.Add(text);
            else
                fields.Report($"{name}[{i}]", $"is {ObjectFields.Shown(item)}; allowed is a string");
        }

        return [.. texts];
    }

    private static string? OneLine(ObjectFields fields, string name, int longest)
    {
        string? text = fields.String(name, longest);
        if (text?.Any(char.IsControl) == true)
            fields.Report(name, "must be one line");
        return text;
    }

    private static NotificationFile Failed(string problem) => new(null, [problem]);
}
