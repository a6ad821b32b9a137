using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PersonalLlm.Data.Postgres;

/// <summary>What the database answers when two people were faster than their questions: expected, and no reason to fail.</summary>
public static class Refusals
{
    /// <summary>True when a unique index refused the row, because somebody else wrote it first.</summary>
    public static bool IsUniqueViolation(this DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>True when a row cannot go because others hold on to it.</summary>
    public static bool IsStillInUse(this DbException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation };

    /// <summary>True when a row points at one that is gone by now.</summary>
    public static bool IsAboutSomethingGone(this DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation };
}
