using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Running;

/// <summary>What a lab is, written to its folder for other invocations of this program.</summary>
internal sealed record LabState
{
    /// <summary>The process that keeps it; SIGTERM ends the lab.</summary>
    public required int Keeper { get; init; }

    public required LabPhase Phase { get; init; }

    /// <summary>What is being done.</summary>
    public required string Message { get; init; }

    public string Kubeconfig { get; init; } = "";

    public string ApiServer { get; init; } = "";

    public int? OperatorProcess { get; init; }

    public IReadOnlyList<NodeState> Nodes { get; init; } = [];

    /// <summary>The client's namespace.</summary>
    public string Client { get; init; } = "";

    /// <summary>The namespace of the switch.</summary>
    public string Switch { get; init; } = "";

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
