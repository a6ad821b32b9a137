using System.ComponentModel.DataAnnotations;

namespace PersonalLlm.Web.Database;

/// <summary>Section <c>Database</c> of the settings.</summary>
internal sealed class DatabaseOptions
{
    public const string DefaultDataFolder = "data";

    /// <summary>A PostgreSQL of your own. Empty: the program starts one in the data folder.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Relative to the checkout, or to the published program; never to the caller's folder.</summary>
    [Required(ErrorMessage = "Database:DataFolder names no folder.")]
    public string DataFolder { get; set; } = DefaultDataFolder;

    /// <summary>A folder with initdb, pg_ctl and postgres. Empty: the ones from npm, else what the system has.</summary>
    public string Binaries { get; set; } = "";

    /// <summary>Port of the embedded server on 127.0.0.1; 0 takes any free one.</summary>
    [Range(0, 65535, ErrorMessage = "Database:Port has to lie between 0 and 65535.")]
    public int Port { get; set; }
}
