using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace PersonalLlm.Web.Features.Judgements;

internal static class UniqueViolation
{
    /// <summary>True when a unique index refused the row: standard SQLSTATE class 23505, as PostgreSQL reports it.</summary>
    public static bool IsUniqueViolation(this DbUpdateException exception) =>
        exception.InnerException is DbException { SqlState: "23505" };
}
