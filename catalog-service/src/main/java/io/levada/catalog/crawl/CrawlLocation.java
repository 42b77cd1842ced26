package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// A folder or prefix that is crawled, without a trailing slash. A folder's links and `..` are resolved.
///
/// @param root absolute path, or URL of a prefix
record CrawlLocation(String root, SupportsPrefixOperations io) {
    private static final Pattern TABLE = Pattern.compile("raw\\.[a-z_][a-z0-9_]{0,126}");

    /// @param written by the user
    /// @param lake the lake's own location; what lies in it is no one else's
    /// @throws CrawlRefused where nothing can be crawled there
    static CrawlLocation of(String written, String lake, FileIO io) {
        if (!(io instanceof SupportsPrefixOperations prefixes)) {
            throw new CrawlRefused(CatalogError.CRAWL_LOCATION, "The lake's storage can not list " + written);
        }
        if (!(io instanceof LocalFileIO) && written.contains("://") && !written.startsWith("file:")) {
            return new CrawlLocation(withoutSlash(written), prefixes);
        }
        if (written.contains("://") && !written.startsWith("file:")) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION, written + " is no folder, and the lake's storage reads folders only");
        }
        return new CrawlLocation(folder(written, lake).toString(), new LocalFileIO());
    }

    private static Path folder(String written, String lake) {
        try {
            Path folder = LocalFileIO.path(written);
            if (!folder.isAbsolute()) {
                throw new CrawlRefused(CatalogError.CRAWL_LOCATION, written + " is not an absolute path");
            }
            Path real = folder.toRealPath();
            if (!Files.isDirectory(real)) {
                throw new CrawlRefused(CatalogError.CRAWL_LOCATION, written + " is no folder");
            }
            if (real.getParent() == null) {
                throw new CrawlRefused(CatalogError.CRAWL_LOCATION, "The root of all folders is not crawled");
            }
            refuseLake(real, lake);
            return real;
        } catch (IOException | InvalidPathException e) {
            throw new CrawlRefused(CatalogError.CRAWL_LOCATION, written + " can not be read: " + e);
        }
    }

    private static void refuseLake(Path folder, String lake) throws IOException {
        if (lake.contains("://") && !lake.startsWith("file:")) {
            return;
        }
        Path own = LocalFileIO.path(lake);
        own = Files.exists(own) ? own.toRealPath() : own;
        if (folder.startsWith(own) || own.startsWith(folder)) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION, folder + " and the lake's own folder " + own + " lie in one another");
        }
    }

    /// The name of a table of these files: lower case, `raw.` before it, `_` for what no name has.
    static String table(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        plain = plain.startsWith("raw.") ? plain.substring("raw.".length()) : plain;
        String letters = plain.replaceAll("[^a-z0-9_]", "_");
        return "raw." + (letters.matches("[a-z_].*") ? letters : "_" + letters);
    }

    /// @throws CrawlRefused where it is no name of a table in `raw`
    static String requireTable(String written) {
        String table = written.contains(".") ? written : "raw." + written;
        if (!TABLE.matcher(table).matches()) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION,
                    "The table is " + written + "; allowed is raw.<name> or <name> with [a-z_][a-z0-9_]*");
        }
        return table;
    }

    String relative(String location) {
        return location.substring(root.length() + 1);
    }

    String child(String relative) {
        return relative.isEmpty() ? root : root + "/" + relative;
    }

    /// Why a file is not this location's: a link that leads out of it, or a name that engines would expand.
    Optional<String> outside(FoundFile file) {
        if (!(io instanceof LocalFileIO)) {
            return Optional.empty();
        }
        try {
            Path real = Path.of(file.location()).toRealPath();
            return real.startsWith(Path.of(root))
                    ? Optional.empty()
                    : Optional.of("The file is a link out of " + root + ", to " + real);
        } catch (IOException e) {
            return Optional.of("The file can not be looked at: " + e);
        }
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? withoutSlash(text.substring(0, text.length() - 1)) : text;
    }
}
