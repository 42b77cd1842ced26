package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.lake.LocalFileIO;
import io.levada.lake.storage.LakeFileIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// A folder or prefix that is crawled, without a trailing slash. A folder's links and `..` are resolved.
///
/// @param root absolute path, or `s3://bucket/prefix`
/// @param io that reads what lies there
record CrawlLocation(String root, SupportsPrefixOperations io) {
    private static final Pattern TABLE = Pattern.compile("raw\\.[a-z_][a-z0-9_]{0,126}");
    private static final Pattern BUCKET = Pattern.compile("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?");

    /// @param written by the user
    /// @param lake the lake's own location; what lies in it is no one else's
    /// @param buckets reads those that the lake's credentials and endpoint reach
    /// @throws CrawlRefused where nothing can be crawled there
    static CrawlLocation of(String written, String lake, LakeFileIO buckets) {
        if (LakeFileIO.isBucket(written)) {
            return new CrawlLocation(prefix(written, lake), buckets);
        }
        if (written.contains("://") && !written.startsWith("file:")) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION, written + " is neither a folder nor a prefix s3://bucket/prefix");
        }
        return new CrawlLocation(folder(written, lake).toString(), new LocalFileIO());
    }

    private static String prefix(String written, String lake) {
        if (!LakeFileIO.isBucket(lake)) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LAKE_IN_FOLDER,
                    written + " is in a bucket, and the lake is in the folder " + lake
                            + ": how buckets are reached is said for a lake in one");
        }
        String root = withoutSlash(written);
        if (!BUCKET.matcher(root).matches()) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION, written + " names no bucket; allowed is s3://bucket/prefix");
        }
        String own = withoutSlash(lake);
        if ((root + "/").startsWith(own + "/") || (own + "/").startsWith(root + "/")) {
            throw new CrawlRefused(
                    CatalogError.CRAWL_LOCATION, root + " and the lake's own location " + own + " lie in one another");
        }
        return root;
    }

    boolean isBucket() {
        return LakeFileIO.isBucket(root);
    }

    /// All files in the location and below it.
    ///
    /// @param links takes the symbolic links, which are not followed
    Iterable<FileInfo> files(Consumer<String> links) {
        return io instanceof LocalFileIO folders
                ? folders.listPrefix(root, link -> links.accept(link.toString()))
                : io.listPrefix(root);
    }

    /// The folders that the location lies in, the nearest one first, down to a bucket or the last folder of a path.
    List<String> above() {
        List<String> above = new ArrayList<>();
        int first = isBucket() ? "s3://".length() : 0;
        for (int slash = root.lastIndexOf('/'); slash > first; slash = root.lastIndexOf('/', slash - 1)) {
            above.add(root.substring(0, slash));
        }
        return above;
    }

    /// What a failure of the storage says.
    static String words(Exception failure) {
        Throwable said = failure;
        if (failure instanceof UncheckedIOException && failure.getCause() instanceof IOException wrapped) {
            said = wrapped;
        }
        String message = said.getMessage();
        return said instanceof FileSystemException || message == null ? said.toString() : message;
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
        if (LakeFileIO.isBucket(lake)) {
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

    FoundFile file(FileInfo info) {
        return new FoundFile(
                info.location(), Math.min(root.length() + 1, info.location().length()), info.size());
    }

    String child(String relative) {
        return relative.isEmpty() ? root : root + "/" + relative;
    }

    /// Why a file is not this location's: a folder on the way to it has become a link that leads out.
    Optional<String> outside(FoundFile file) {
        if (isBucket()) {
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
