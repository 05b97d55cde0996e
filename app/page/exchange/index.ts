/** Labels as files have them, and the formats that there are. */
export { type ExchangeFrame, type ExchangeLabel, type Kept, toExchange, toLabels } from './exchange.ts';
export { EXPORT_FORMATS, type ExportFormat, FORMAT_NAMES } from './export-formats.ts';
