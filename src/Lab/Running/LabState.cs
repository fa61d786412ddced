using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Running;

/// <summary>What a lab is, written to its folder for other invocations of this program.</summary>
internal sealed record LabState
{
    /// <summary>The process that keeps it, this one unless the state was read; SIGTERM ends the lab.</summary>
    public int Keeper { get; set; } = Environment.ProcessId;

    /// <summary>In which <see cref="Keeper"/> is that process.</summary>
    public string ProcessNamespace { get; set; } = OwnProcessNamespace;

    public required LabPhase Phase { get; init; }

    /// <summary>What is being done.</summary>
    public required string Message { get; init; }

    /// <summary>The folder of vip-operator, vip-sidecar and vip-agent; empty while measuring.</summary>
    public string Programs { get; set; } = "";

    public string Kubeconfig { get; init; } = "";

    public string ApiServer { get; init; } = "";

    public int? OperatorProcess { get; init; }

    public IReadOnlyList<NodeState> Nodes { get; init; } = [];

    /// <summary>The client's namespace.</summary>
    public string Client { get; init; } = "";

    /// <summary>The namespace of the switch.</summary>
    public string Switch { get; init; } = "";

    /// <summary>
    /// Whether <see cref="Keeper"/> means here what it meant where it was written, which it may not in another
    /// container.
    /// </summary>
    [JsonIgnore]
    public bool IsKeptHere => ProcessNamespace == OwnProcessNamespace;

    private static string OwnProcessNamespace => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";

    /// <returns>null: there is no such lab.</returns>
    /// <exception cref="ToolException">The file makes no sense.</exception>
    public static LabState? Read(LabFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(folder.StateFile), LabJsonContext.Default.LabState);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new ToolException($"{folder.StateFile} makes no sense: {e.Message}", e);
        }
    }

    /// <summary>Replaces the file at once, so that nobody reads half of it.</summary>
    public void Write(LabFolder folder)
    {
        string next = folder.StateFile + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(this, LabJsonContext.Default.LabState));
        File.Move(next, folder.StateFile, overwrite: true);
    }
}

[JsonConverter(typeof(JsonStringEnumConverter<LabPhase>))]
internal enum LabPhase
{
    Starting,
    Ready,

    /// <summary>No lab to play with, but lanes of a measurement.</summary>
    Measuring,
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LabState))]
internal sealed partial class LabJsonContext : JsonSerializerContext;
