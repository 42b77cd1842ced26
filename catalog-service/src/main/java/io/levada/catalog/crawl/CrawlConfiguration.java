package io.levada.catalog.crawl;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.definition.PipelineDefinition;
import io.levada.lake.storage.LakeFileIO;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The crawler's parts.
@Configuration(proxyBeanMethods = false)
class CrawlConfiguration {
    @Bean(destroyMethod = "close")
    Crawls crawls(
            Catalog catalog,
            CatalogBackend backend,
            CatalogProperties properties,
            CommitSteps steps,
            SnapshotAnnouncer announcer) {
        LakeFileIO buckets = new LakeFileIO();
        buckets.initialize(backend.storage());
        return new Crawls(catalog, properties.lakeLocation(), buckets, steps, announcer);
    }

    @Bean
    CrawlSchedule crawlSchedule(Crawls crawls, PipelineDefinition definition) {
        return new CrawlSchedule(crawls, definition.crawls());
    }
}
