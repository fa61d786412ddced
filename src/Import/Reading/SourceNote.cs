namespace VipOperator.Import;

/// <summary>A line that the reader itself has dealt with, so that it is no directive of a block.</summary>
internal sealed record SourceNote(Place Place, string Text, SourceNoteKind Kind, string Detail = "");

internal enum SourceNoteKind
{
    /// <summary>$NAME=…, and the lines that continue it.</summary>
    Definition,

    /// <summary>@id …, for another host.</summary>
    OtherHost,

    /// <summary>include …, with at least one file read.</summary>
    Include,

    /// <summary>include … that led to nothing.</summary>
    IncludeNothing,

    /// <summary>~SEQ and ~LST.</summary>
    Repetition,
}
