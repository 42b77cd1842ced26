package io.levada.catalog.crawl;

import io.levada.catalog.CatalogProperties;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.definition.PipelineDefinition;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The crawler's parts.
@Configuration(proxyBeanMethods = false)
class CrawlConfiguration {
    @Bean(destroyMethod = "close")
    Crawls crawls(Catalog catalog, CatalogProperties properties, CommitSteps steps, SnapshotAnnouncer announcer) {
        return new Crawls(catalog, properties, steps, announcer);
    }

    @Bean
    CrawlSchedule crawlSchedule(Crawls crawls, PipelineDefinition definition) {
        return new CrawlSchedule(crawls, definition.crawls());
    }
}
